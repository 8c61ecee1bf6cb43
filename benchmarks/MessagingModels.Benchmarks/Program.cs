using BenchmarkDotNet.Running;
using MessagingModels.Benchmarks;

switch (args.FirstOrDefault())
{
    case "queue":
        await PipelineMode.MeasureQueueAsync();
        break;
    case "log":
        await PipelineMode.MeasureLogAsync();
        break;
    case "backlog":
        await BacklogMode.MeasureAsync(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : BacklogMode.Messages);
        break;
    case "fanout":
        await FanoutMode.MeasureAsync();
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BenchmarkDirectory).Assembly).Run(args, new RatioConfig());
        break;
}
