// The lab starts this program again as a child process, to have a broker that it can kill and one that starts cold.
return await MessagingModels.Comparison.Targets.ChildProgram.RunAsync(args).ConfigureAwait(false);
