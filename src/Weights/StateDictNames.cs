using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Names in state dicts that mean something to loading and saving.</summary>
/// <remarks>MiniMind, Qwen3 and Llama use the same names.</remarks>
internal static partial class StateDictNames
{
    /// <summary>The embedding's matrix.</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The head's matrix; that of a tied model is <see cref="Embedding"/>.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>Whether a name is that of a rotary table, which older checkpoints carry and every model computes itself.</summary>
    public static bool IsRotaryTable(string name) => RotaryTable().IsMatch(name);

    [GeneratedRegex(@"\A(model\.)?(freqs_cos|freqs_sin)\z|\Amodel\.(layers\.[0-9]{1,6}\.self_attn\.)?rotary_emb\.inv_freq\z", RegexOptions.CultureInvariant)]
    private static partial Regex RotaryTable();
}
