using MiniMind.MLNet.Dpo.CpuKernels.Native;
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

    public DecoderStack(IParameterSource source, ModelConfig config) : base(nameof(DecoderStack))
    {
        _config = config;
        _embedding = new TokenEmbedding(source, "model.embed_tokens", config.VocabularySize, config.HiddenSize);
        _layers = new ModuleList<DecoderBlock>([.. Enumerable.Range(0, config.LayerCount)
            .Select(layer => new DecoderBlock(source, $"model.layers.{layer}", config, layer))]);
        _norm = new RmsNorm(source, "model.norm", config.HiddenSize, config.RmsNormEpsilon, config.UnitOffsetNorms);
        RegisterComponents();
    }

    /// <summary>The embedding's matrix, (V, hidden), which a tied head uses too.</summary>
    public Parameter EmbeddingWeight => _embedding.Weight;

    /// <summary>The same as it is kept.</summary>
    public StoredMatrix Embedding => _embedding.Matrix;

    /// <summary>The lowest layer that steps change, -1 for the embedding, the number of layers for none of these: a backward pass need not go below
    /// it.</summary>
    public int LowestTrained => _embedding.Weight.requires_grad ? -1 : _layers.TakeWhile(layer => !layer.IsTrained).Count();

    /// <summary>The last normalisation's weight, (hidden).</summary>
    public Parameter NormWeight => _norm.Weight;

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
        Tensor embedded = Scaled(_embedding.call(inputIds)); // (N, hidden)
        return context.Training && _config.Dropout > 0 ? nn.functional.dropout(embedded, _config.Dropout) : embedded;
    }

    /// <summary>
    /// Vectors of the embedding, or gradients with respect to the first layer's input, times the factor that the model scales embeddings by; (N, hidden).
    /// </summary>
    public Tensor Scaled(Tensor rows) => _config.ScaledEmbeddings ? rows.Mul((double)MathF.Sqrt(_config.HiddenSize)) : rows; // (N, hidden)

    /// <summary>The last layer's output (N, hidden) to hidden states in the compute type.</summary>
    public Tensor Normalise(Tensor residual, ForwardContext context) => _norm.forward(residual, context.ComputeType); // (N, hidden)
}
