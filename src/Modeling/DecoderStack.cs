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
    public Parameter EmbeddingWeight => _embedding.Weight;

    /// <summary>The decoder layers, first to last.</summary>
    public ModuleList<DecoderBlock> Layers => _layers;

    /// <summary>Token ids (N), int64, to normalised hidden states (N, hidden) in the compute type.</summary>
    public override Tensor forward(Tensor inputIds, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor residual = Embed(inputIds, context); // (N, hidden)
        foreach (DecoderBlock layer in _layers)
            residual = layer.forward(residual, context);
        return Normalise(residual, context).MoveToOuterDisposeScope(); // (N, hidden)
    }

    /// <summary>Token ids (N) to the first layer's input (N, hidden), fp32.</summary>
    public Tensor Embed(Tensor inputIds, ForwardContext context)
    {
        Tensor embedded = _embedding.call(inputIds); // (N, hidden)
        return context.Training && _config.Dropout > 0 ? nn.functional.dropout(embedded, _config.Dropout) : embedded;
    }

    /// <summary>The last layer's output (N, hidden) to hidden states in the compute type.</summary>
    public Tensor Normalise(Tensor residual, ForwardContext context) => _norm.forward(residual, context.ComputeType); // (N, hidden)
}
