namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>A clock that stands still.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("fixed", now.Offset, null, null);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
}
