using MessagingModels.Comparison.Measuring;
using MessagingModels.Comparison.Reporting;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What one model on one system brings to the answer to a need.</summary>
/// <param name="Need">The need.</param>
/// <param name="Model">The model.</param>
/// <param name="Target">The system.</param>
/// <param name="Figure">The figure that decides.</param>
/// <param name="Evidence">The figure, as a sentence.</param>
/// <param name="Experiment">Where it was measured.</param>
/// <param name="Command">The command that measures it again.</param>
internal sealed record AnswerSide(Need Need, ModelKind Model, TargetDescription Target, Spread Figure, string Evidence, string Experiment, string Command);

/// <summary>How answers follow from the figures of both models.</summary>
internal static class AnswerRule
{
    /// <summary>Weighs the models against each other where both were measured in the same place: a broker in this process is never weighed against one over a socket.</summary>
    public static IEnumerable<RankedAnswer> Decide(IEnumerable<AnswerSide> sides)
    {
        foreach (IGrouping<(Need Need, string Place), AnswerSide> group in sides.GroupBy(static side => (side.Need, side.Target.Place)))
        {
            AnswerSide? exchange = group.FirstOrDefault(static side => side.Model == ModelKind.Exchange);
            AnswerSide? log = group.FirstOrDefault(static side => side.Model == ModelKind.Log);
            if (exchange is null || log is null)
                continue;
            string choice = group.Key.Need.Choose(exchange.Figure, log.Figure);
            yield return new RankedAnswer(
                group.Key.Need.Rank,
                new NeedAnswer(group.Key.Need.Text, choice, $"{exchange.Evidence} {log.Evidence}", exchange.Experiment, exchange.Command)
                {
                    Place = group.Key.Place,
                    Targets = [.. new[] { exchange.Target.Name, log.Target.Name }.Distinct()],
                });
        }
    }
}
