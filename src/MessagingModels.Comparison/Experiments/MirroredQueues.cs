using System.Text.RegularExpressions;
using MessagingModels.Comparison.Reporting;
using MessagingModels.Comparison.Targets;

namespace MessagingModels.Comparison.Experiments;

/// <summary>Whether RabbitMQ still mirrors queues: a policy asks for it.</summary>
internal static class MirroredQueues
{
    private const string Statement = "A policy mirrors queues.";

    public static async Task JudgeAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        await using TargetSession session = await context.OpenAsync(cancellationToken).ConfigureAwait(false);
        string name = session.Name("mirrored");
        Policy policy = new(name, new Regex("^" + Regex.Escape(name)), new Dictionary<string, object?> { ["ha-mode"] = "all" });
        MessagingException? refusal = null;
        try
        {
            await session.Exchanges.SetPolicyAsync(policy, cancellationToken).ConfigureAwait(false);
        }
        catch (MessagingException exception)
        {
            refusal = exception;
        }
        catch (NotSupportedException)
        {
            context.Judge(ClaimText.MirroredQueues, Observe.Nothing(Statement, "RabbitMQ's management API (--rabbitmq-management)"));
            return;
        }

        if (refusal is null)
            await session.Exchanges.DeletePolicyAsync(name, cancellationToken).ConfigureAwait(false);
        context.Judge(ClaimText.MirroredQueues, From(context.Target.Description.Version, refusal));
    }

    /// <summary>What the answer says of the claim. That a policy is taken shows no copy, and an error of another kind says nothing of what the version knows.</summary>
    /// <param name="version">RabbitMQ's version.</param>
    /// <param name="refusal">What it answered; null where it accepted the policy.</param>
    internal static Finding From(string version, MessagingException? refusal)
    {
        string asked = $"RabbitMQ {version}, asked for a policy with ha-mode all,";
        return refusal switch
        {
            null => new Finding(
                Statement, FindingOutcome.NotTested, $"{asked} accepted it. Not tried here: whether copies are kept, which needs several nodes.",
                $"untested here: RabbitMQ {version} accepted the policy, and whether copies are kept needs several nodes to see", IsEssential: true),
            ChannelException { ReplyCode: ReplyCode.PreconditionFailed } => Observe.That(
                Statement, false, $"{asked} refused it: {refusal.Message}",
                $"true up to RabbitMQ 3.13; mirrored queues were removed with 4.0, and quorum queues took their place (experiment cluster); {version} refuses the policy",
                isEssential: true),
            _ => new Finding(
                Statement, FindingOutcome.NotTested, $"{asked} did not come to judge it: {refusal.Message}",
                $"untested here: the policy could not be set, for another reason than its content: {CommandLine.InItsWords(refusal.Message).TrimEnd('.')}", IsEssential: true),
        };
    }
}
