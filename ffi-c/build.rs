//! The name by which programs find the library, and how it is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Follows KS_ABI_VERSION, not the release.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libkstreams.so.0");
    // Threads of the library may outlive a `dlclose`: the code must stay.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
