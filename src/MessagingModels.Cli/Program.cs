using MessagingModels.Cli;

using Interruption interruption = new();
return await Tool.RunAsync(args, () => Console.In, Console.Out, Console.Error, interruption.Token);
