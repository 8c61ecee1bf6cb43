using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MessagingModels.Cli.Commands;

/// <summary>Options of the form <c>NAME=VALUE</c> that may be given several times.</summary>
internal static class NameValue
{
    /// <param name="name">The option's name.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="isSecret">True where an error must not show what was given.</param>
    public static Option<Dictionary<string, string>> Option(string name, string description, bool isSecret = false) => new(name)
    {
        HelpName = "NAME=VALUE",
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => Parse(result, isSecret ? name : null),
        DefaultValueFactory = _ => [],
    };

    /// <summary>A value as RabbitMQ's tools read it: a number where it looks like one, true or false, else text.</summary>
    public static object Typed(string value)
    {
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            return number;
        return bool.TryParse(value, out bool flag) ? flag : value;
    }

    private static Dictionary<string, string>? Parse(ArgumentResult result, string? secret)
    {
        Dictionary<string, string> values = [];
        foreach (Token token in result.Tokens)
        {
            int equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                result.AddError(secret is null ? $"'{token.Value}' is not of the form NAME=VALUE." : $"What {secret} was given is not of the form NAME=VALUE.");
                return null;
            }

            values[token.Value[..equals]] = token.Value[(equals + 1)..];
        }

        return values;
    }
}
