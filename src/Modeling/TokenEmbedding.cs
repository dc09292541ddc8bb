using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The table of token vectors.</summary>
internal sealed class TokenEmbedding : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    /// <summary>Creates the table; it is not initialised.</summary>
    public TokenEmbedding(int vocabularySize, int hiddenSize) : base(nameof(TokenEmbedding))
    {
        _weight = new Parameter(empty(vocabularySize, hiddenSize));
        RegisterComponents();
    }

    public Parameter Weight => _weight;

    /// <summary>Ids (N), int64, to vectors (N, hidden), fp32.</summary>
    public override Tensor forward(Tensor ids) => _weight.index_select(0, ids); // (N, hidden)
}
