using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Grouped-query attention with rotary embedding and, by configuration, biases, normalised queries and keys, or a window.</summary>
internal sealed class SelfAttention : nn.Module<Tensor, ForwardContext, Tensor>
{
    private readonly int _layer;
    private readonly ModelConfig _config;
    private readonly AttentionPattern _pattern;
    [ComponentName(Name = "q_proj")]
    private readonly Projection _query;
    [ComponentName(Name = "k_proj")]
    private readonly Projection _key;
    [ComponentName(Name = "v_proj")]
    private readonly Projection _value;
    [ComponentName(Name = "o_proj")]
    private readonly Projection _output;
    [ComponentName(Name = "q_norm")]
    private readonly RmsNorm? _queryNorm;
    [ComponentName(Name = "k_norm")]
    private readonly RmsNorm? _keyNorm;

    public SelfAttention(IParameterSource source, string name, ModelConfig config, int layer) : base(nameof(SelfAttention))
    {
        (_config, _layer, _pattern) = (config, layer, AttentionPattern.Of(config, layer));
        int queries = config.HeadCount * config.HeadDim, keys = config.KeyValueHeadCount * config.HeadDim;
        _query = new Projection(source, name + ".q_proj", config.HiddenSize, queries, config.QkvBias);
        _key = new Projection(source, name + ".k_proj", config.HiddenSize, keys, config.QkvBias);
        _value = new Projection(source, name + ".v_proj", config.HiddenSize, keys, config.QkvBias);
        _output = new Projection(source, name + ".o_proj", queries, config.HiddenSize);
        if (config.QkNorm)
        {
            _queryNorm = new RmsNorm(source, name + ".q_norm", config.HeadDim, config.RmsNormEpsilon, config.UnitOffsetNorms);
            _keyNorm = new RmsNorm(source, name + ".k_norm", config.HeadDim, config.RmsNormEpsilon, config.UnitOffsetNorms);
        }
        RegisterComponents();
    }

    /// <summary>Its linear layers.</summary>
    internal (Projection Query, Projection Key, Projection Value, Projection Output) Linears => (_query, _key, _value, _output);

    /// <summary>The weights of its norms, (D) each, where the model has them.</summary>
    internal (Parameter? Query, Parameter? Key) Norms => (_queryNorm?.Weight, _keyNorm?.Weight);

    /// <summary>The biases of queries, keys and values, (output) each, where there are such.</summary>
    internal (Parameter? Query, Parameter? Key, Parameter? Value) Biases => (_query.Bias, _key.Bias, _value.Bias);

    /// <summary>Which layer this is in.</summary>
    internal int Layer => _layer;

    /// <summary>(N, hidden) in the compute type to the same.</summary>
    public override Tensor forward(Tensor hidden, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        long rows = hidden.shape[0];
        Tensor query = _query.forward(hidden, context.Training).view(rows, _config.HeadCount, _config.HeadDim); // (N, heads, D)
        Tensor key = _key.forward(hidden, context.Training).view(rows, _config.KeyValueHeadCount, _config.HeadDim); // (N, kv, D)
        Tensor value = _value.forward(hidden, context.Training).view(rows, _config.KeyValueHeadCount, _config.HeadDim); // (N, kv, D)
        if (_queryNorm is not null)
            query = _queryNorm.forward(query, query.dtype);
        if (_keyNorm is not null)
            key = _keyNorm.forward(key, key.dtype);
        if (context.TablesFor(_pattern) is var (cosines, sines))
        {
            query = RotaryEmbedding.Rotate(query, cosines, sines);
            key = RotaryEmbedding.Rotate(key, cosines, sines);
        }
        // the kernel divides by the root of D
        if (_config.QueryPreAttentionScalar is not null)
            query = query.Mul(_config.ScoreScale * Math.Sqrt(_config.HeadDim));

        Tensor mixed = context.Layout.Attend(_layer, query, key, value, context.Training ? _config.Dropout : 0, _pattern.Window); // (N, heads * D)
        Tensor output = _output.forward(mixed, context.Training);
        if (context.Training && _config.Dropout > 0)
            output = nn.functional.dropout(output, _config.Dropout);
        return output.MoveToOuterDisposeScope(); // (N, hidden)
    }
}
