using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>Each component with each stock operation: the rows must be those of the plain transform.</summary>
public sealed class CombinationTests
{
    public static TheoryData<string> Cases => TransformCases.Names;

    private readonly MLContext _context = new(seed: 1);

    [Theory, MemberData(nameof(Cases))]
    public void Append_BetweenStockTransforms_GivesTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView data = tested.Load(_context);
        string first = tested.Reads.Keys.First();

        EstimatorChain<ColumnCopyingTransformer> chain = _context.Transforms.CopyColumns("Before", "Id")
            .Append(tested.Estimator(_context))
            .Append(_context.Transforms.CopyColumns("After", first));
        IDataView transformed = chain.Fit(data).Transform(data);

        transformed.Schema.Select(c => c.Name).Should().Contain(["Before", "After"]);
        transformed.Schema["After"].Type.Should().Be(transformed.Schema[first].Type);
        tested.Rows(_context, transformed).Should().Equal(tested.Expected(_context));
    }

    [Theory, MemberData(nameof(Cases))]
    public void AppendCacheCheckpoint_BeforeAndAfter_GivesTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView data = tested.Load(_context);

        EstimatorChain<ITransformer> chain = _context.Transforms.CopyColumns("Before", "Id").AppendCacheCheckpoint(_context)
            .Append(tested.Estimator(_context)).AppendCacheCheckpoint(_context)
            .Append((IEstimator<ITransformer>)_context.Transforms.CopyColumns("After", tested.Reads.Keys.First()));

        tested.Rows(_context, chain.Fit(data).Transform(data)).Should().Equal(tested.Expected(_context));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Cache_OfTheOutput_GivesTheSameRowsTwice(string name)
    {
        TransformCase tested = TransformCases.Named(name);

        IDataView cached = _context.Data.Cache(Transform(tested));

        tested.Rows(_context, cached).Should().Equal(tested.Expected(_context));
        tested.Rows(_context, cached).Should().Equal(tested.Expected(_context), "the second reading comes from the cache");
    }

    [Theory, MemberData(nameof(Cases))]
    public void SaveAsBinary_ThenLoadFromBinary_GivesTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.Create(path))
                _context.Data.SaveAsBinary(Transform(tested), file);

            tested.Rows(_context, _context.Data.LoadFromBinary(path)).Should().Equal(tested.Expected(_context));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void TrainTestSplit_BeforeAndAfter_PartsTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView data = tested.Load(_context);
        ITransformer transformer = tested.Estimator(_context).Fit(data);

        DataOperationsCatalog.TrainTestData before = _context.Data.TrainTestSplit(data, testFraction: 0.4, seed: 3);
        DataOperationsCatalog.TrainTestData after = _context.Data.TrainTestSplit(transformer.Transform(data), testFraction: 0.4, seed: 3);

        IReadOnlyList<string> train = tested.Rows(_context, transformer.Transform(before.TrainSet));
        IReadOnlyList<string> test = tested.Rows(_context, transformer.Transform(before.TestSet));
        train.Should().NotBeEmpty();
        test.Should().NotBeEmpty();
        train.Concat(test).Should().BeEquivalentTo(tested.Expected(_context));
        tested.Rows(_context, after.TrainSet).Concat(tested.Rows(_context, after.TestSet)).Should().BeEquivalentTo(tested.Expected(_context));
    }

    [Theory, MemberData(nameof(Cases))]
    public void CrossValidationSplit_OfTheOutput_HasEachRowInOneTestFold(string name)
    {
        TransformCase tested = TransformCases.Named(name);

        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = _context.Data.CrossValidationSplit(Transform(tested), numberOfFolds: 3, seed: 3);

        folds.SelectMany(fold => tested.Rows(_context, fold.TestSet)).Should().BeEquivalentTo(tested.Expected(_context));
    }

    [Theory, MemberData(nameof(Cases))]
    public void ShuffleRows_BeforeAndAfter_KeepsWhatARowHas(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView data = tested.Load(_context);
        ITransformer transformer = tested.Estimator(_context).Fit(data);
        IReadOnlyList<string> expected = tested.Expected(_context);

        IReadOnlyList<string> before = tested.Rows(_context, transformer.Transform(_context.Data.ShuffleRows(data, seed: 5)));
        IReadOnlyList<string> after = tested.Rows(_context, _context.Data.ShuffleRows(transformer.Transform(data), seed: 5));

        before.Should().BeEquivalentTo(expected).And.NotEqual(expected);
        after.Should().BeEquivalentTo(expected).And.NotEqual(expected);
    }

    [Theory, MemberData(nameof(Cases))]
    public void TakeRowsAndSkipRows_OfTheOutput_GiveAPartOfTheRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);

        IDataView part = _context.Data.TakeRows(_context.Data.SkipRows(Transform(tested), 2), 4);

        tested.Rows(_context, part).Should().Equal(tested.Expected(_context).Skip(2).Take(4));
    }

    [Theory, MemberData(nameof(Cases))]
    public void FilterRowsByColumn_OfTheOutput_GivesTheRowsInRange(string name)
    {
        TransformCase tested = TransformCases.Named(name);

        IDataView filtered = _context.Data.FilterRowsByColumn(Transform(tested), "Id", lowerBound: 3, upperBound: 6);

        tested.Rows(_context, filtered).Should().Equal(tested.Expected(_context).Skip(3).Take(3));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Preview_OfTheOutput_ShowsEveryColumn(string name)
    {
        TransformCase tested = TransformCases.Named(name);

        DataDebuggerPreview preview = Transform(tested).Preview(maxRows: 5);

        preview.RowView.Should().HaveCount(5);
        preview.RowView[0].Values.Select(v => v.Key).Should().Contain(tested.Reads.Keys);
    }

    [Theory, MemberData(nameof(Cases))]
    public void CreateEnumerable_WithOneRowObject_GivesTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);

        tested.Rows(_context, Transform(tested), reuseRowObject: true).Should().Equal(tested.Expected(_context));
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Cursors_OnSeveralThreads_SeeTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView transformed = Transform(tested);
        IReadOnlyList<string> expected = tested.Expected(_context);

        IReadOnlyList<string>[] read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => tested.Rows(_context, transformed))));

        read.Should().AllSatisfy(rows => rows.Should().Equal(expected));
    }

    [Theory, MemberData(nameof(Cases))]
    public void GetRowCursorSet_ReadOnSeveralThreads_HasEachRowOnce(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        IDataView transformed = Transform(tested);
        ConcurrentBag<float> ids = new();

        DataViewRowCursor[] cursors = transformed.GetRowCursorSet(transformed.Schema, 3);
        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                ValueGetter<float> getId = cursor.GetGetter<float>(cursor.Schema["Id"]);
                float id = 0;
                while (cursor.MoveNext())
                {
                    getId(ref id);
                    ids.Add(id);
                }
            }
        });

        ids.Order().Should().Equal(Enumerable.Range(0, tested.Expected(_context).Count).Select(i => (float)i));
    }

    [Theory, MemberData(nameof(Cases))]
    public void PredictionEngine_RowByRow_GivesTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);

        tested.Predict(_context, tested.Estimator(_context).Fit(tested.Load(_context))).Should().Equal(tested.Expected(_context));
    }

    private IDataView Transform(TransformCase tested)
    {
        IDataView data = tested.Load(_context);
        return tested.Estimator(_context).Fit(data).Transform(data);
    }
}
