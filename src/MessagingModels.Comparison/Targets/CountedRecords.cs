namespace MessagingModels.Comparison.Targets;

/// <summary>The part of producing or consuming that counts: the second half, in which clients are connected and compiled.</summary>
/// <param name="Records">How many records.</param>
/// <param name="From">When it began, local time.</param>
/// <param name="To">When it ended, local time.</param>
internal readonly record struct CountedRecords(long Records, DateTime From, DateTime To)
{
    /// <summary>Records a second.</summary>
    public double Rate => Records / (To - From).TotalSeconds;
}

/// <summary>A line that a tool printed.</summary>
/// <param name="At">When it was read, local time.</param>
/// <param name="Text">The line.</param>
internal readonly record struct ToolLine(DateTime At, string Text);
