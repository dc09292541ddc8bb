using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A trainer that trains once for the whole run; later fits check their columns and give the same transformer.</summary>
internal sealed class FitOnce(IEstimator<ITransformer> trainer) : IEstimator<ITransformer>
{
    private readonly Lock _lock = new();
    private ITransformer? _trained;

    public ITransformer Fit(IDataView input)
    {
        lock (_lock)
        {
            if (_trained is null)
                return _trained = trainer.Fit(input);
            trainer.GetOutputSchema(SchemaShape.Create(input.Schema));
            return _trained;
        }
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);
}
