namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Python's None.</summary>
internal sealed class PickleNone
{
    /// <summary>The only one.</summary>
    public static readonly PickleNone Value = new();

    private PickleNone()
    {
    }

    /// <inheritdoc/>
    public override string ToString() => "None";
}
