'use strict'

// The native half, built for one platform.
try {
  module.exports = require('./kstreams.node')
} catch (cause) {
  const platform = `${process.platform} ${process.arch}`
  throw new Error(`libkstreams: the native library cannot be loaded on ${platform}`, { cause })
}
