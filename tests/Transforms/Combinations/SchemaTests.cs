using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>What an estimator promises is what its transformer delivers, and wrong columns are refused before any row is read.</summary>
public sealed class SchemaTests
{
    public static TheoryData<string> Cases => TransformCases.Names;

    private readonly MLContext _context = new(seed: 1);

    [Theory, MemberData(nameof(Cases))]
    public void GetOutputSchema_OfEstimator_IsWhatTheTransformerDelivers(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView data = tested.Load(_context);
        IEstimator<ITransformer> estimator = tested.Estimator(_context);

        SchemaShape promised = estimator.GetOutputSchema(SchemaShape.Create(data.Schema));
        ITransformer transformer = estimator.Fit(data);
        SchemaShape delivered = SchemaShape.Create(transformer.GetOutputSchema(data.Schema));

        promised.Select(Describe).Should().BeEquivalentTo(delivered.Select(Describe));
        SchemaShape.Create(transformer.Transform(data).Schema).Select(Describe).Should().Equal(delivered.Select(Describe));
        SchemaShape.Create(transformer.GetRowToRowMapper(data.Schema).OutputSchema).Select(Describe).Should().Equal(delivered.Select(Describe));
        delivered.Select(c => c.Name).Should().Contain(tested.Reads.Keys);
    }

    [Theory, MemberData(nameof(TransformCases.NamesOfComputing), MemberType = typeof(TransformCases))]
    public void Fit_InputColumnMissing_NamesTheColumn(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IEstimator<ITransformer> estimator = tested.Estimator(_context);
        foreach (string column in tested.Reads.Values.SelectMany(c => c).Distinct())
        {
            IDataView without = _context.Transforms.DropColumns(column).Fit(tested.Load(_context)).Transform(tested.Load(_context));

            Action[] uses =
            [
                () => estimator.Fit(without),
                () => estimator.GetOutputSchema(SchemaShape.Create(without.Schema)),
                () => estimator.Fit(tested.Load(_context)).Transform(without),
                () => estimator.Fit(tested.Load(_context)).GetRowToRowMapper(without.Schema),
            ];

            uses.Should().AllSatisfy(use => use.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*'{column}'*").WithParameterName("inputSchema"));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Fit_InputColumnOfAnotherType_NamesBothTypes(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IEstimator<ITransformer> estimator = tested.Estimator(_context);
        foreach (string column in tested.Reads.Values.SelectMany(c => c).Distinct())
        {
            IDataView wrong = _context.Transforms.CopyColumns(column, "Id").Fit(tested.Load(_context)).Transform(tested.Load(_context));

            Action[] uses = [() => estimator.Fit(wrong), () => estimator.GetOutputSchema(SchemaShape.Create(wrong.Schema))];

            uses.Should().AllSatisfy(use => use.Should().Throw<ArgumentOutOfRangeException>()
                .WithMessage($"Schema mismatch for input column '{column}': expected *, got Single*").WithParameterName("inputSchema"));
        }
    }

    private static string Describe(SchemaShape.Column column) => $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey} {column.Annotations.Count}";
}
