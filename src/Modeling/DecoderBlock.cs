using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>One pre-normalised decoder layer: attention, then a feed-forward layer or experts, each added to the residual stream.</summary>
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

    public DecoderBlock(ModelConfig config, int layer) : base(nameof(DecoderBlock))
    {
        _config = config;
        _attention = new SelfAttention(config, layer);
        _inputNorm = new RmsNorm(config.HiddenSize, config.RmsNormEpsilon);
        _postAttentionNorm = new RmsNorm(config.HiddenSize, config.RmsNormEpsilon);
        _feedForward = config.Experts is { } experts
            ? new MixtureOfExperts(config.HiddenSize, experts)
            : new FeedForward(config.HiddenSize, config.IntermediateSize);
        RegisterComponents();
    }

    /// <summary>The residual stream (N, hidden), fp32, before and after this layer.</summary>
    public override Tensor forward(Tensor residual, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        if (context.Spans is not null && !is_grad_enabled())
            return Fuse(residual, context).Output.MoveToOuterDisposeScope(); // (N, hidden)
        Tensor attended = residual.Add(_attention.forward(_inputNorm.forward(residual, context.ComputeType), context)); // (N, hidden)
        return attended.Add(_feedForward.forward(_postAttentionNorm.forward(attended, context.ComputeType), context)).MoveToOuterDisposeScope(); // (N, hidden)
    }

    /// <summary>Runs the layer forward, fused, for a backward pass later.</summary>
    internal FusedLayer Fuse(Tensor residual, ForwardContext context)
    {
        FeedForward feedForward = (FeedForward)_feedForward;
        return new FusedLayer(new LayerWeights
        {
            InputNorm = _inputNorm.Weight, PostAttentionNorm = _postAttentionNorm.Weight,
            Query = _attention.Weights.Query, Key = _attention.Weights.Key, Value = _attention.Weights.Value, Output = _attention.Weights.Output,
            QueryNorm = _attention.Weights.QueryNorm, KeyNorm = _attention.Weights.KeyNorm,
            Gate = feedForward.Weights.Gate, Up = feedForward.Weights.Up, Down = feedForward.Weights.Down,
        }, _config, context, residual);
    }
}
