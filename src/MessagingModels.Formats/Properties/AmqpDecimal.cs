namespace MessagingModels.Formats.Properties;

/// <summary>A decimal of a field table: <paramref name="Unscaled"/> divided by ten to the power of <paramref name="Scale"/>.</summary>
/// <param name="Scale">Digits after the point.</param>
/// <param name="Unscaled">All digits.</param>
public readonly record struct AmqpDecimal(byte Scale, int Unscaled);
