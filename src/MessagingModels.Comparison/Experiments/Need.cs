using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Experiments;

/// <summary>What someone wants to do, and how the figure that decides it is read.</summary>
/// <param name="Rank">Its place among all answers.</param>
/// <param name="Text">The need, in a few words.</param>
/// <param name="IsMoreBetter">True where the model with the larger figure is to be chosen.</param>
/// <param name="Margin">By what factor a figure must be better, with all of its spread; with less than that either model will do.</param>
internal sealed record Need(int Rank, string Text, bool IsMoreBetter, double Margin = 1)
{
    private const double ClearMargin = 1.25;

    public static readonly Need Routing = new(10, "Hand each consumer just the part it wants, by rules that change", IsMoreBetter: false);
    public static readonly Need History = new(20, "Read history again, or let new readers start from the beginning", IsMoreBetter: true);
    public static readonly Need KeyOrder = new(30, "Order by key with several consumers at work", IsMoreBetter: false);
    public static readonly Need UnevenWork = new(40, "Work items of uneven cost, each taken by whoever is free", IsMoreBetter: false);
    public static readonly Need ExactlyOnce = new(50, "Every message to take effect once, whatever fails", IsMoreBetter: true);
    public static readonly Need WorkAndHistory = new(60, "The same message as a work item and as history", IsMoreBetter: true);
    public static readonly Need Rate = new(70, "The highest rate through one destination", IsMoreBetter: true, ClearMargin);
    public static readonly Need Latency = new(80, "Low latency at a moderate rate", IsMoreBetter: false, ClearMargin);
    public static readonly Need SustainedRate = new(85, "A rate that holds while latency stays bounded", IsMoreBetter: true, ClearMargin);
    public static readonly Need Fanout = new(90, "The same message to many readers", IsMoreBetter: true, ClearMargin);
    public static readonly Need Backlog = new(100, "A backlog that builds up for hours and is worked off later", IsMoreBetter: true, ClearMargin);
    public static readonly Need Availability = new(110, "To go on when a node fails", IsMoreBetter: false, ClearMargin);

    /// <summary>"exchange", "log", or "either" where neither is better by the margin with all of its spread.</summary>
    public string Choose(Spread exchange, Spread log)
    {
        (Spread ifExchange, Spread ifLog) = IsMoreBetter ? (exchange, log) : (log, exchange);
        if (ifExchange.Over(ifLog).IsAbove(Margin) == true)
            return "exchange";
        return ifLog.Over(ifExchange).IsAbove(Margin) == true ? "log" : "either";
    }
}
