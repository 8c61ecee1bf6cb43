using BenchmarkDotNet.Running;
using MessagingModels.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(BenchmarkDirectory).Assembly).Run(args, new RatioConfig());
