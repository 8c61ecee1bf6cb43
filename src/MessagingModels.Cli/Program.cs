using MessagingModels.Cli;

return await Tool.RunAsync(args, () => Console.In, Console.Out, Console.Error, CancellationToken.None);
