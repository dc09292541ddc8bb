using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Embedding, decoder layers and the last normalisation: everything below the head.</summary>
internal sealed class DecoderStack : nn.Module<Tensor, ForwardContext, Tensor>
{
    private readonly ModelConfig _config;
    [ComponentName(Name = "embed_tokens")]
    private readonly TokenEmbedding _embedding;
    [ComponentName(Name = "layers")]
    private readonly ModuleList<DecoderBlock> _layers;
    [ComponentName(Name = "norm")]
    private readonly RmsNorm _norm;

    public DecoderStack(ModelConfig config) : base(nameof(DecoderStack))
    {
        _config = config;
        _embedding = new TokenEmbedding(config.VocabularySize, config.HiddenSize);
        _layers = new ModuleList<DecoderBlock>([.. Enumerable.Range(0, config.LayerCount).Select(layer => new DecoderBlock(config, layer))]);
        _norm = new RmsNorm(config.HiddenSize, config.RmsNormEpsilon);
        RegisterComponents();
    }

    /// <summary>The embedding's matrix, (V, hidden), which a tied head uses too.</summary>
    public Tensor EmbeddingWeight => _embedding.Weight;

    /// <summary>Token ids (N), int64, to normalised hidden states (N, hidden) in the compute type.</summary>
    public override Tensor forward(Tensor inputIds, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor residual = _embedding.forward(inputIds); // (N, hidden)
        if (context.Training && _config.Dropout > 0) residual = nn.functional.dropout(residual, _config.Dropout);
        foreach (DecoderBlock layer in _layers) residual = layer.forward(residual, context);
        return _norm.forward(residual, context.ComputeType).MoveToOuterDisposeScope(); // (N, hidden)
    }
}
