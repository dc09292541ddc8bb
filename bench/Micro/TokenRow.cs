namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>A tokenized conversation.</summary>
internal sealed class TokenRow
{
    public int[] Tokens { get; set; } = [];
}
