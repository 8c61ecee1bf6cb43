using System.CommandLine;
using MessagingModels.Cli.Commands;
using MessagingModels.Comparison;
using MessagingModels.Storage;

namespace MessagingModels.Cli;

/// <summary>The <c>mm</c> tool, apart from the process it runs in.</summary>
internal static class Tool
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>What a shell reports for a program that was interrupted.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs a command line.</summary>
    /// <param name="args">Its words, without the tool's name.</param>
    /// <param name="input">Gives what is piped in, once it is asked for.</param>
    /// <param name="output">Takes what was asked for.</param>
    /// <param name="error">Takes a line for each thing that was wrong.</param>
    /// <param name="cancellationToken">Ends the command, as Ctrl-C does.</param>
    /// <returns>0 where all went well, 1 where the command failed, 2 where it was not understood, 130 where it was interrupted.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, Func<TextReader> input, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        ParseResult parsed = CreateRoot(input).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // A misspelt command is also a missing one; the former says more.
            error.WriteLine(parsed.UnmatchedTokens is [string token, ..]
                ? $"mm: '{token}' is not a command, option or argument here."
                : $"mm: {parsed.Errors[0].Message}");
            error.WriteLine($"Try '{PathOf(parsed.CommandResult.Command)} --help'.");
            return WrongUsage;
        }

        InvocationConfiguration invocation = new()
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("mm: interrupted");
            return Interrupted;
        }
        catch (Exception exception) when (CodeOf(exception) is { } code)
        {
            error.WriteLine($"mm: {exception.Message.ReplaceLineEndings(" ")}");
            return code;
        }
    }

    private static RootCommand CreateRoot(Func<TextReader> input) => new("Both messaging models, the log and the exchange: compared, taught and at hand.")
    {
        CompareCommand.Create(),
        SamplesCommand.Create(),
        TopicCommand.Create(),
        QueueCommand.Create(),
        PublishCommand.Create(input),
        ConsumeCommand.Create(),
    };

    /// <summary>The exit code for what a user may run into; null for what nobody should.</summary>
    private static int? CodeOf(Exception exception) => exception switch
    {
        UsageException or ComparisonInputException => WrongUsage,
        MessagingException or StorageException or IOException or UnauthorizedAccessException => Failed,
        _ => null,
    };

    private static string PathOf(Command command)
        => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "mm";
}

/// <summary>The command line is well-formed but cannot be meant.</summary>
internal sealed class UsageException(string message) : Exception(message);
