// biome-ignore-all lint/style/noDefaultExport: what a WebAssembly file is imported as
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
