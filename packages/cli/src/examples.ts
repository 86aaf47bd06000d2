/** Examples that the help shows. */
export const SEND = `Examples:
  sluice send talk.mp4 --to openai
  sluice send *.jsonl --to openai --purpose batch --limit-rate 20MB
  sluice send https://example.org/clip.mp4 --to replicate
  pg_dump shop | gzip | sluice send - --name shop.gz --to kie

What is printed is what to give to the model. Ctrl-C keeps what goes in parts (openai): sluice resume goes on with it.`;

export const RUN = `Examples:
  sluice run talk.wav --to oneai --skill transcribe:speaker_detection=true --skill summarize
  sluice run --to oneai --text "Sluices let water through." --skill keywords
  sluice run --to replicate --model owner/name --file image=photo.png --input prompt="a weir"
  sluice run --to kie --model owner/name --file image_urls[]=photo.png --input n:=2

Killed at any moment, it goes on with sluice resume, and starts nothing twice.`;

export const WAIT = `Examples:
  sluice wait replicate gm3qorzdhgbfurvjtvhg6dckhu
  sluice wait oneai 2f0c9c8b --deadline 30m`;

export const RESUME = `Examples:
  sluice resume
  sluice resume 3fa9c1d2 --limit-rate 5MB
  sluice resume 3fa9c1d2 --started gm3qorzdhgbfurvjtvhg6dckhu`;

export const LIST = `Examples:
  sluice list
  sluice list --json | jq -r 'select(.type == "upload").id'`;

export const SWEEP = `Examples:
  sluice sweep
  sluice sweep --older-than 1d
  sluice sweep 3fa9c1d2`;

export const GET = `Examples:
  sluice get https://example.org/clip.mp4
  sluice get https://example.org/clip.mp4 -o first.mp4 --digest sha256:9f86d081884c7d65…
  sluice get https://example.org/log.gz -o - | gunzip`;

export const HASH = `Examples:
  sluice hash *.mp4 | sha256sum -c
  sluice hash -a sha256,md5,crc64nvme talk.mp4
  tar c folder | sluice hash -a blake3 -`;

export const EMULATE = `Examples:
  sluice emulate --port 4010
  sluice emulate --storage received --json`;

export const ALL = `Examples:
  sluice send talk.mp4 --to openai
  sluice run talk.wav --to oneai --skill transcribe --skill summarize
  sluice resume

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some of several failed, 130 interrupted.`;
