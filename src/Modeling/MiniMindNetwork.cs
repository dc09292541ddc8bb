using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The decoder of MiniMind and its like, dense or mixture-of-experts, assembled by its configuration, over a flat batch of token rows.</summary>
/// <remarks>
/// Parameters bear the names and shapes of MiniMind's state dict; a tied head has no parameter of its own.
/// A forward pass reads the parameters only, so several threads may run it at once while nobody trains.
/// </remarks>
internal sealed class MiniMindNetwork : nn.Module
{
    private readonly RotaryEmbedding _rotary;
    private readonly RotaryEmbedding? _localRotary, _extendedRotary;
    [ComponentName(Name = "model")]
    private readonly DecoderStack _stack;
    [ComponentName(Name = "lm_head")]
    private readonly Projection? _head;

    /// <summary>Creates the network on the CPU; the parameters are not initialised.</summary>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    /// <exception cref="DllNotFoundException">There is no libtorch; the message says what to add.</exception>
    public MiniMindNetwork(ModelConfig config) : this(config, FreshParameters.Instance)
    {
    }

    /// <summary>Creates the network with parameters from elsewhere.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="source">Gives the parameters, all on one device.</param>
    /// <param name="adapter">The adapter whose pairs the source gives; taken over.</param>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public MiniMindNetwork(ModelConfig config, IParameterSource source, LowRankAdapter? adapter = null) : base(Prepared(config))
    {
        (Config, Adapter) = (config, adapter);
        MatrixList matrices = new(source);
        _rotary = new RotaryEmbedding(config);
        if (config.LocalRopeTheta is not null)
            _localRotary = new RotaryEmbedding(config, local: true);
        if (config.LongRopeScaling is not null)
            _extendedRotary = new RotaryEmbedding(config, extended: true);
        _stack = new DecoderStack(matrices, config);
        if (!config.TieWordEmbeddings)
            _head = new Projection(matrices, "lm_head", config.HiddenSize, config.VocabularySize);
        Matrices = matrices.Matrices;
        RegisterComponents();
    }

    /// <summary>The network's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>What is added to its linear layers; <see langword="null"/> for nothing.</summary>
    public LowRankAdapter? Adapter { get; }

    /// <summary>All matrices by their names in a checkpoint.</summary>
    public IReadOnlyDictionary<string, StoredMatrix> Matrices { get; }

    /// <summary>The matrices of the linear layers within decoder layers by the layers' names: those that an adapter can add to.</summary>
    public IEnumerable<KeyValuePair<string, StoredMatrix>> Linears =>
        Matrices.Where(entry => entry.Key.StartsWith("model.layers.", StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create(entry.Key[..entry.Key.LastIndexOf('.')], entry.Value));

    /// <summary>Whether it is nothing but fp32 weights.</summary>
    public bool IsPlain => Adapter is null && Format == FrozenFormat.Float32;

    /// <summary>How its matrices are kept.</summary>
    public FrozenFormat Format => _stack.Embedding.Format;

    /// <summary>Whether training drops activations.</summary>
    public bool Drops => Config.Dropout > 0 || Adapter is { Drops: true };

    /// <summary>What steps change, by name: of its own parameters those that are not frozen, then the adapter's.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> TrainedParameters =>
        named_parameters().Concat(Adapter?.Parameters ?? []).Where(entry => entry.Item2.requires_grad);

    // torch's own constructor needs libtorch already
    private static string Prepared(ModelConfig config)
    {
        config.Validate();
        TorchNativeLibrary.EnsureLoaded();
        return nameof(MiniMindNetwork);
    }

    /// <summary>Where the parameters are.</summary>
    public Device Device => _stack.EmbeddingWeight.device;

    /// <summary>Token rows to hidden states.</summary>
    /// <param name="inputIds">(N), int64, on the network's device.</param>
    /// <param name="layout">Which sequences the rows form.</param>
    /// <param name="training">Whether dropout and the load-balancing loss act.</param>
    /// <param name="mode">How it computes, in fp32 by default; fused kernels run without gradients only.</param>
    /// <param name="tokenWeights">How often each row counts in the load-balancing loss, (N), fp32; <see langword="null"/> for once each.</param>
    /// <param name="routerTrace">Filled with every router's decisions where given.</param>
    /// <exception cref="ArgumentException">The number of ids is not the layout's.</exception>
    public NetworkOutput Forward(
        Tensor inputIds, IAttentionLayout layout, bool training = false, ComputeMode? mode = null,
        Tensor? tokenWeights = null, List<RouterChoice>? routerTrace = null)
    {
        using DisposeScope scope = NewDisposeScope();
        ComputeMode wanted = mode ?? ScalarType.Float32;
        ForwardContext context = NewContext(inputIds, layout, training, is_grad_enabled() ? wanted with { Fused = false } : wanted, tokenWeights, routerTrace);
        Tensor hidden = _stack.forward(inputIds, context);
        Tensor? auxiliary = context.AuxiliaryLosses.Count == 0 ? null : context.AuxiliaryLosses.Aggregate((sum, loss) => sum.Add(loss));
        return new NetworkOutput(hidden.MoveToOuterDisposeScope(), auxiliary?.MoveToOuterDisposeScope());
    }

    /// <summary>Everything below the head.</summary>
    internal DecoderStack Stack => _stack;

    /// <summary>What a pass over the given rows hands to every layer; its tensors live in the caller's scope.</summary>
    /// <exception cref="ArgumentException">The number of ids is not the layout's.</exception>
    internal ForwardContext NewContext(
        Tensor inputIds, IAttentionLayout layout, bool training, ComputeMode mode, Tensor? tokenWeights, List<RouterChoice>? routerTrace)
    {
        if (inputIds.dim() != 1 || inputIds.shape[0] != layout.Positions.shape[0])
        {
            throw new ArgumentException(
                $"The ids have shape ({string.Join(", ", inputIds.shape)}), but the layout has {layout.Positions.shape[0]} rows; it takes (rows).",
                nameof(inputIds));
        }

        (Tensor cosines, Tensor sines) = Rotation(layout);
        IReadOnlyList<AttentionSpan>? spans = mode.Fused && FusedLayer.Fits(Config, inputIds.device_type, mode.Type, training) ? layout.Spans : null;
        ScalarType tableType = spans is null ? mode.Type : ScalarType.Float32;
        (Tensor Cosines, Tensor SignedSines)? local = _localRotary?.At(layout.Positions, layout.PositionsEnd);
        return new ForwardContext
        {
            Layout = layout, Spans = spans, Cosines = cosines.to(tableType), SignedSines = sines.to(tableType), ComputeType = mode.Type,
            LocalTables = local is var (localCosines, localSines) ? (localCosines.to(tableType), localSines.to(tableType)) : null,
            Training = training, TokenWeights = tokenWeights, RouterTrace = routerTrace,
        };
    }

    /// <summary>Cosines and signed sines of the rows; with LongRoPE those of long sequences for rows that belong to such.</summary>
    private (Tensor Cosines, Tensor SignedSines) Rotation(IAttentionLayout layout)
    {
        (Tensor cosines, Tensor sines) = _rotary.At(layout.Positions, layout.PositionsEnd); // (N, 1, width)
        if (_extendedRotary is null || layout.RowsBeyond(Config.LongRopeScaling!.OriginalMaxPositions) is not { } rows)
            return (cosines, sines);
        (Tensor longCosines, Tensor longSines) = _extendedRotary.At(layout.Positions, layout.PositionsEnd); // (N, 1, width)
        Tensor beyond = rows.view(-1, 1, 1); // (N, 1, 1)
        return (where(beyond, longCosines, cosines), where(beyond, longSines, sines)); // (N, 1, width)
    }

    /// <summary>The head's scores of every token of the vocabulary.</summary>
    /// <param name="hidden">(M, hidden), as <see cref="Forward"/> gives it, all rows or some.</param>
    /// <returns>(M, V) in the element type of <paramref name="hidden"/>.</returns>
    public Tensor Logits(Tensor hidden) => Logits(hidden, Head.Dense(hidden.dtype)); // (M, V)

    /// <summary>The same with another matrix, (V, hidden), in place of <see cref="HeadWeight"/>.</summary>
    public static Tensor Logits(Tensor hidden, Tensor weight) => LinearProduct.Of(hidden, weight.to(hidden.dtype)); // (M, V)

    /// <summary>The head's matrix as it is kept, (V, hidden): the embedding's where they are tied.</summary>
    public StoredMatrix Head => _head?.Matrix ?? _stack.Embedding;

    /// <summary>The head's matrix, (V, hidden): the embedding's where they are tied.</summary>
    public Parameter HeadWeight => _head is null ? _stack.EmbeddingWeight : _head.Weight;

    /// <summary>
    /// Fills the parameters as transformers does for a new model: normal with the given deviation, biases with zeros, norms so that they multiply by one.
    /// </summary>
    public void Initialize(Generator random, double deviation = 0.02)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (parameter.dim() == 1)
                parameter.FillInPlace(Config.UnitOffsetNorms || name.EndsWith(".bias", StringComparison.Ordinal) ? 0 : 1);
            else
                parameter.copy_(randn(parameter.shape, generator: random).MulInPlace(deviation));
        }
    }

    /// <summary>A network of its own with the same weights, on the given device; one with an adapter or frozen weights stays as it is, and frozen.</summary>
    public MiniMindNetwork Clone(Device device)
    {
        if (!IsPlain)
            return this.FrozenCopy(Format, device);
        MiniMindNetwork copy = new(Config);
        using (no_grad())
        {
            foreach (((_, Parameter target), (_, Parameter source)) in copy.named_parameters().Zip(named_parameters()))
                target.copy_(source);
        }
        if (device.type != DeviceType.CPU)
            copy.to(device);
        return copy;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rotary.Dispose();
            _localRotary?.Dispose();
            _extendedRotary?.Dispose();
            Adapter?.Dispose();
        }
        base.Dispose(disposing);
    }
}
