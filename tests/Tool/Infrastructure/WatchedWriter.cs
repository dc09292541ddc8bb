namespace MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

/// <summary>A text of which every piece is seen when it is written.</summary>
/// <param name="seen">Gets the pieces.</param>
internal sealed class WatchedWriter(Action<string> seen) : StringWriter
{
    public override void Write(string? value)
    {
        base.Write(value);
        seen(value ?? "");
    }
}
