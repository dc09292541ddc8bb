using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>One pre-normalised decoder layer: attention, then a feed-forward layer or experts, each added to the residual stream.</summary>
/// <remarks>
/// With norms on both sides of the two parts, <c>post_attention_layernorm</c> is behind attention; otherwise it stands before the feed-forward layer.
/// </remarks>
internal sealed class DecoderBlock : nn.Module<Tensor, ForwardContext, Tensor>
{
    private readonly ModelConfig _config;
    [ComponentName(Name = "self_attn")]
    private readonly SelfAttention _attention;
    [ComponentName(Name = "input_layernorm")]
    private readonly RmsNorm _inputNorm;
    [ComponentName(Name = "post_attention_layernorm")]
    private readonly RmsNorm _postAttentionNorm;
    [ComponentName(Name = "mlp")]
    private readonly nn.Module<Tensor, ForwardContext, Tensor> _feedForward;
    [ComponentName(Name = "pre_feedforward_layernorm")]
    private readonly RmsNorm? _preFeedForwardNorm;
    [ComponentName(Name = "post_feedforward_layernorm")]
    private readonly RmsNorm? _postFeedForwardNorm;

    public DecoderBlock(IParameterSource source, string name, ModelConfig config, int layer) : base(nameof(DecoderBlock))
    {
        _config = config;
        _attention = new SelfAttention(source, name + ".self_attn", config, layer);
        RmsNorm Norm(string norm) => new(source, $"{name}.{norm}", config.HiddenSize, config.RmsNormEpsilon, config.UnitOffsetNorms);
        _inputNorm = Norm("input_layernorm");
        _postAttentionNorm = Norm("post_attention_layernorm");
        if (config.SandwichNorms)
            (_preFeedForwardNorm, _postFeedForwardNorm) = (Norm("pre_feedforward_layernorm"), Norm("post_feedforward_layernorm"));
        _feedForward = config.Experts is { } experts
            ? new MixtureOfExperts(source, name + ".mlp", config.HiddenSize, experts)
            : new FeedForward(source, name + ".mlp", config.HiddenSize, config.IntermediateSize, config.Activation);
        RegisterComponents();
    }

    /// <summary>The residual stream (N, hidden), fp32, before and after this layer.</summary>
    public override Tensor forward(Tensor residual, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        if (context.Spans is not null && !is_grad_enabled())
            return Fuse(residual, context).Output.MoveToOuterDisposeScope(); // (N, hidden)
        Tensor mixed = _attention.forward(_inputNorm.forward(residual, context.ComputeType), context); // (N, hidden)
        if (_preFeedForwardNorm is not null)
            mixed = _postAttentionNorm.forward(mixed, context.ComputeType);
        Tensor attended = residual.Add(mixed); // (N, hidden)
        Tensor raised = _feedForward.forward((_preFeedForwardNorm ?? _postAttentionNorm).forward(attended, context.ComputeType), context); // (N, hidden)
        if (_postFeedForwardNorm is not null)
            raised = _postFeedForwardNorm.forward(raised, context.ComputeType);
        return attended.Add(raised).MoveToOuterDisposeScope(); // (N, hidden)
    }

    /// <summary>Whether steps change any of its weights, or of an adapter's beside them.</summary>
    public bool IsTrained => parameters().Any(parameter => parameter.requires_grad) || modules().OfType<Projection>()
        .Any(linear => linear.Pair is { IsTrained: true });

    /// <summary>Its attention.</summary>
    internal SelfAttention Attention => _attention;

    /// <summary>Its feed-forward layer; <see langword="null"/> where it has experts.</summary>
    internal FeedForward? Dense => _feedForward as FeedForward;

    /// <summary>Its experts; <see langword="null"/> where it has a feed-forward layer.</summary>
    internal MixtureOfExperts? Experts => _feedForward as MixtureOfExperts;

    /// <summary>The weights of its norms, (hidden) each, in the order in which they are used; those of what is added where the model has them.</summary>
    internal (Parameter Input, Parameter? AttentionOutput, Parameter FeedForward, Parameter? FeedForwardOutput) Norms =>
        (_inputNorm.Weight, _preFeedForwardNorm is null ? null : _postAttentionNorm.Weight, (_preFeedForwardNorm ?? _postAttentionNorm).Weight,
            _postFeedForwardNorm?.Weight);

    /// <summary>Runs the layer forward, fused, for a backward pass later.</summary>
    internal FusedLayer Fuse(Tensor residual, ForwardContext context) => new(
        new LayerWeights
        {
            InputNorm = Norms.Input, FeedForwardNorm = Norms.FeedForward, AttentionOutputNorm = Norms.AttentionOutput,
            FeedForwardOutputNorm = Norms.FeedForwardOutput,
            Query = _attention.Linears.Query, Key = _attention.Linears.Key, Value = _attention.Linears.Value, Output = _attention.Linears.Output,
            QueryNorm = _attention.Norms.Query, KeyNorm = _attention.Norms.Key,
            FeedForward = (IFusedFeedForward)_feedForward,
        }, _config, context, residual, _attention.Layer);
}
