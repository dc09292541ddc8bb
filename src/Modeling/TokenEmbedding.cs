using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The table of token vectors.</summary>
internal sealed class TokenEmbedding : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    /// <summary>Creates the table.</summary>
    /// <param name="source">Gives the weight.</param>
    /// <param name="name">The table's name in a checkpoint.</param>
    /// <param name="vocabularySize">Tokens.</param>
    /// <param name="hiddenSize">Width of a vector.</param>
    public TokenEmbedding(IParameterSource source, string name, int vocabularySize, int hiddenSize) : base(nameof(TokenEmbedding))
    {
        Matrix = source.Matrix(name + ".weight", vocabularySize, hiddenSize);
        _weight = Matrix.Weight;
        RegisterComponents();
    }

    /// <summary>The table, (V, hidden).</summary>
    public StoredMatrix Matrix { get; }

    /// <summary>The table as it is kept, (V, hidden).</summary>
    public Parameter Weight => _weight;

    /// <summary>Ids (N), int64, to vectors (N, hidden), fp32.</summary>
    public override Tensor forward(Tensor ids) => Matrix.Rows(ids); // (N, hidden)

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Matrix.Dispose();
        base.Dispose(disposing);
    }
}
