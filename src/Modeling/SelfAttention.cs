using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Grouped-query attention with rotary embedding and, by configuration, normalised queries and keys.</summary>
internal sealed class SelfAttention : nn.Module<Tensor, ForwardContext, Tensor>
{
    private readonly int _layer;
    private readonly ModelConfig _config;
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

    public SelfAttention(ModelConfig config, int layer) : base(nameof(SelfAttention))
    {
        (_config, _layer) = (config, layer);
        int queries = config.HeadCount * config.HeadDim, keys = config.KeyValueHeadCount * config.HeadDim;
        _query = new Projection(config.HiddenSize, queries);
        _key = new Projection(config.HiddenSize, keys);
        _value = new Projection(config.HiddenSize, keys);
        _output = new Projection(queries, config.HiddenSize);
        if (config.QkNorm)
        {
            _queryNorm = new RmsNorm(config.HeadDim, config.RmsNormEpsilon);
            _keyNorm = new RmsNorm(config.HeadDim, config.RmsNormEpsilon);
        }
        RegisterComponents();
    }

    /// <summary>Its parameters, (output, input) each and (D) of the norms.</summary>
    internal (Parameter Query, Parameter Key, Parameter Value, Parameter Output, Parameter? QueryNorm, Parameter? KeyNorm) Weights =>
        (_query.Weight, _key.Weight, _value.Weight, _output.Weight, _queryNorm?.Weight, _keyNorm?.Weight);

    /// <summary>(N, hidden) in the compute type to the same.</summary>
    public override Tensor forward(Tensor hidden, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        long rows = hidden.shape[0];
        Tensor query = _query.forward(hidden).view(rows, _config.HeadCount, _config.HeadDim); // (N, heads, D)
        Tensor key = _key.forward(hidden).view(rows, _config.KeyValueHeadCount, _config.HeadDim); // (N, kv, D)
        Tensor value = _value.forward(hidden).view(rows, _config.KeyValueHeadCount, _config.HeadDim); // (N, kv, D)
        if (_queryNorm is not null)
            query = _queryNorm.forward(query, query.dtype);
        if (_keyNorm is not null)
            key = _keyNorm.forward(key, key.dtype);
        query = RotaryEmbedding.Rotate(query, context.Cosines, context.SignedSines);
        key = RotaryEmbedding.Rotate(key, context.Cosines, context.SignedSines);

        Tensor mixed = context.Layout.Attend(_layer, query, key, value, context.Training ? _config.Dropout : 0); // (N, heads * D)
        Tensor output = _output.forward(mixed);
        if (context.Training && _config.Dropout > 0)
            output = nn.functional.dropout(output, _config.Dropout);
        return output.MoveToOuterDisposeScope(); // (N, hidden)
    }
}
