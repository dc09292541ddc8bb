namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>A conversation as a message list, or rendered.</summary>
internal sealed class TextRow
{
    public string Text { get; set; } = "";
}
