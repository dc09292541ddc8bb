using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>Asking for one column computes what that column needs, and nothing else.</summary>
public sealed class LazinessTests
{
    public static TheoryData<string> Cases => TransformCases.Names;

    private readonly MLContext _context = new(seed: 1);

    [Theory, MemberData(nameof(Cases))]
    public void GetRowCursor_ForOneColumn_ActivatesItsInputsOnly(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        ITransformer transformer = tested.Estimator(_context).Fit(tested.Load(_context));
        foreach ((string output, string[] inputs) in tested.Reads)
        {
            WatchedDataView watched = new(tested.Load(_context));
            IDataView transformed = transformer.Transform(watched);

            using (DataViewRowCursor cursor = transformed.GetRowCursor([transformed.Schema[output]]))
            {
                ReadAll(cursor, output);
                tested.Reads.Keys.Where(other => cursor.IsColumnActive(cursor.Schema[other])).Should().Equal(output);
            }

            watched.ActivatedColumns.Should().BeEquivalentTo(inputs, "that is what '{0}' is computed from", output);
            watched.OpenCursors.Should().Be(0);
            IRowToRowMapper mapper = transformer.GetRowToRowMapper(watched.Schema);
            mapper.GetDependencies([mapper.OutputSchema[output]]).Select(c => c.Name).Should().BeEquivalentTo(inputs);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void GetRowCursor_ForAnInputColumn_ComputesNothing(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        WatchedDataView watched = new(tested.Load(_context));
        IDataView transformed = tested.Estimator(_context).Fit(tested.Load(_context)).Transform(watched);

        using DataViewRowCursor cursor = transformed.GetRowCursor([transformed.Schema["Id"]]);
        ReadAll(cursor, "Id");

        watched.ActivatedColumns.Should().Equal("Id");
    }

    [Theory, MemberData(nameof(Cases))]
    public void MoveNext_WithoutReading_ReadsNoInput(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        WatchedDataView watched = new(tested.Load(_context));
        IDataView transformed = tested.Estimator(_context).Fit(tested.Load(_context)).Transform(watched);

        using DataViewRowCursor cursor = transformed.GetRowCursor(transformed.Schema);
        while (cursor.MoveNext())
        {
        }

        watched.ValuesRead.Values.Sum().Should().Be(0);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Getters_OfAllOutputs_ReadEachInputOncePerRow(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        WatchedDataView watched = new(tested.Load(_context));
        IDataView transformed = tested.Estimator(_context).Fit(tested.Load(_context)).Transform(watched);

        int rows;
        using (DataViewRowCursor cursor = transformed.GetRowCursor(transformed.Schema))
            rows = ReadAll(cursor, [.. tested.Reads.Keys]);

        foreach (string input in tested.Reads.Values.SelectMany(c => c).Distinct())
            watched.ValuesRead[input].Should().Be(rows, "'{0}' is read once for a row however many outputs need it", input);
    }

    [Theory, MemberData(nameof(TransformCases.NamesOfComputing), MemberType = typeof(TransformCases))]
    public void GetGetter_InactiveColumnOrWrongType_Throws(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView data = tested.Load(_context);
        IDataView transformed = tested.Estimator(_context).Fit(data).Transform(data);
        DataViewSchema.Column output = transformed.Schema[tested.Reads.Keys.First()];

        using DataViewRowCursor inactive = transformed.GetRowCursor([transformed.Schema["Id"]]);
        using DataViewRowCursor active = transformed.GetRowCursor([output]);

        ((Action)(() => inactive.GetGetter<VBuffer<int>>(output))).Should().Throw<InvalidOperationException>().WithMessage($"*'{output.Name}'*not active*");
        ((Action)(() => active.GetGetter<DateTime>(output))).Should().Throw<InvalidOperationException>().WithMessage($"*'{output.Name}'*DateTime*");
    }

    private static int ReadAll(DataViewRowCursor cursor, params string[] columns)
    {
        Action[] reads = [.. columns.Select(column => (Action)typeof(LazinessTests)
            .GetMethod(nameof(Reader), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(cursor.Schema[column].Type.RawType).Invoke(null, [cursor, cursor.Schema[column]])!)];
        int rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            foreach (Action read in reads)
                read();
        }
        return rows;
    }

    private static Action Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () => getter(ref value);
    }
}
