# conf: options, samples and packaging.
