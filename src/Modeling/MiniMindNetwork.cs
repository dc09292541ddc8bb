using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The MiniMind decoder, dense or mixture-of-experts, over a flat batch of token rows.</summary>
/// <remarks>
/// Parameters bear the names and shapes of MiniMind's state dict; a tied head has no parameter of its own.
/// A forward pass reads the parameters only, so several threads may run it at once while nobody trains.
/// </remarks>
internal sealed class MiniMindNetwork : nn.Module
{
    private readonly RotaryEmbedding _rotary;
    [ComponentName(Name = "model")]
    private readonly DecoderStack _stack;
    [ComponentName(Name = "lm_head")]
    private readonly Projection? _head;

    /// <summary>Creates the network on the CPU; the parameters are not initialised.</summary>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    /// <exception cref="DllNotFoundException">There is no libtorch; the message says what to add.</exception>
    public MiniMindNetwork(ModelConfig config) : base(Prepared(config))
    {
        Config = config;
        _rotary = new RotaryEmbedding(config);
        _stack = new DecoderStack(config);
        if (!config.TieWordEmbeddings)
            _head = new Projection(config.HiddenSize, config.VocabularySize);
        RegisterComponents();
    }

    /// <summary>The network's shape.</summary>
    public ModelConfig Config { get; }

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
            throw new ArgumentException(
                $"The ids have shape ({string.Join(", ", inputIds.shape)}), but the layout has {layout.Positions.shape[0]} rows; it takes (rows).",
                nameof(inputIds));
        (Tensor cosines, Tensor sines) = _rotary.At(layout.Positions, layout.PositionsEnd);
        IReadOnlyList<AttentionSpan>? spans = mode.Fused && FusedLayer.Fits(Config, inputIds.device_type, mode.Type, training) ? layout.Spans : null;
        ScalarType tableType = spans is null ? mode.Type : ScalarType.Float32;
        return new ForwardContext
        {
            Layout = layout, Spans = spans, Cosines = cosines.to(tableType), SignedSines = sines.to(tableType), ComputeType = mode.Type,
            Training = training, TokenWeights = tokenWeights, RouterTrace = routerTrace,
        };
    }

    /// <summary>The head's scores of every token of the vocabulary.</summary>
    /// <param name="hidden">(M, hidden), as <see cref="Forward"/> gives it, all rows or some.</param>
    /// <returns>(M, V) in the element type of <paramref name="hidden"/>.</returns>
    public Tensor Logits(Tensor hidden) => Logits(hidden, HeadWeight); // (M, V)

    /// <summary>The same with another matrix, (V, hidden), in place of <see cref="HeadWeight"/>.</summary>
    public static Tensor Logits(Tensor hidden, Tensor weight) => LinearProduct.Of(hidden, weight.to(hidden.dtype)); // (M, V)

    /// <summary>The head's matrix, (V, hidden): the embedding's where they are tied.</summary>
    public Parameter HeadWeight => _head is null ? _stack.EmbeddingWeight : _head.Weight;

    /// <summary>Fills the parameters as transformers does for a new model: normal with the given deviation, norms with ones.</summary>
    public void Initialize(Generator random, double deviation = 0.02)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (Parameter parameter in parameters())
        {
            if (parameter.dim() == 1)
                parameter.FillInPlace(1);
            else
                parameter.copy_(randn(parameter.shape, generator: random).MulInPlace(deviation));
        }
    }

    /// <summary>A network of its own with the same weights, on the given device.</summary>
    public MiniMindNetwork Clone(Device device)
    {
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
            _rotary.Dispose();
        base.Dispose(disposing);
    }
}
