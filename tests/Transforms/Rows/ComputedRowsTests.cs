using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Rows;

/// <summary>A view that is read many times computes each row once.</summary>
public sealed class ComputedRowsTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly Summing _summing = new(batchSize: 4);
    private readonly WatchedDataView _source;
    private readonly IDataView _view;

    public ComputedRowsTests() => (_source, _view) = View(10);

    [Fact]
    public void GetRowCursor_ReadThreeTimes_ComputesAndReadsEachRowOnce()
    {
        for (int i = 0; i < 3; i++)
            Sums(_view).Should().Equal(Expected(10));

        _summing.BatchSizes.Should().Equal(4, 4, 2);
        _source.ValuesRead["Second"].Should().Be(10);
    }

    [Fact]
    public void GetRowCursor_AfterOneThatWasReadToTheFifthRow_ComputesTheRest()
    {
        Sums(_view, 5).Should().Equal(Expected(5));

        Sums(_view).Should().Equal(Expected(10));

        _summing.BatchSizes.Should().Equal(4, 4, 2);
    }

    [Fact]
    public void GetRowCursor_RowsThatNobodyReadBefore_AreComputedWhenTheyAreRead()
    {
        using (DataViewRowCursor cursor = _view.GetRowCursor([_view.Schema["Sum"]]))
            Value(cursor, "Sum", skip: 6).Should().Be(15); // the second group
        _summing.BatchSizes.Should().Equal(4);

        Sums(_view).Should().Equal(Expected(10));

        _summing.BatchSizes.Should().Equal(4, 4, 2);
    }

    [Fact]
    public void GetRowCursor_TwoAtOnce_EachShowsItsOwnRow()
    {
        using DataViewRowCursor slow = _view.GetRowCursor(_view.Schema), fast = _view.GetRowCursor(_view.Schema);
        ValueGetter<int> slowly = slow.GetGetter<int>(_view.Schema["Sum"]), quickly = fast.GetGetter<int>(_view.Schema["Sum"]);
        int value = 0;
        for (int row = 0; row < 10; row++)
        {
            fast.MoveNext().Should().BeTrue();
            quickly(ref value);
            value.Should().Be(3 * row);
            if (row % 2 == 1)
                continue;
            slow.MoveNext().Should().BeTrue();
            slowly(ref value);
            value.Should().Be(3 * (row / 2));
        }

        _summing.BatchSizes.Should().Equal(4, 4, 2);
    }

    [Fact]
    public void GetRowCursor_OnManyThreadsAtOnce_ComputesEachRowOnce()
    {
        (_, IDataView view) = View(203);
        using Barrier start = new(8);
        int[][] read = new int[8][];
        _summing.Computing = () => Thread.Sleep(1); // so that the others come to the same group meanwhile

        Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            read[i] = Sums(view);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        read.Should().AllSatisfy(sums => sums.Should().Equal(Expected(203)));
        _summing.BatchSizes.Sum().Should().Be(203);
    }

    [Fact]
    public void GetRowCursor_ForLessThanWasComputed_ComputesNothing()
    {
        Sums(_view).Should().Equal(Expected(10));

        _view.GetColumn<int>("Double").Should().Equal(Enumerable.Range(0, 10).Select(i => 2 * i));

        _summing.BatchSizes.Should().Equal(4, 4, 2);
    }

    [Fact]
    public void GetRowCursor_ForMoreThanWasComputed_ComputesItAndKeepsBoth()
    {
        for (int i = 0; i < 2; i++)
        {
            _view.GetColumn<int>("Double").Should().Equal(Enumerable.Range(0, 10).Select(i => 2 * i));
            Sums(_view).Should().Equal(Expected(10));
        }

        _summing.BatchSizes.Should().Equal(4, 4, 2, 4, 4, 2);
    }

    [Fact]
    public void GetRowCursor_MoreRowsThanAreKept_ComputesTheOthersAgain()
    {
        IDataView view = new BatchedDataView(NumberRow.View(_context, 14), _summing, mostRows: 7);

        for (int i = 0; i < 2; i++)
            Sums(view).Should().Equal(Expected(14));

        _summing.BatchSizes.Should().Equal(4, 4, 4, 2, 4, 2); // the group that crosses the bound is kept
    }

    [Fact]
    public void GetRowCursor_AfterAFailure_ComputesWhatFailed()
    {
        bool fails = true;
        _summing.Computing = () =>
        {
            if (fails && _summing.BatchSizes.Count == 1)
                throw new TimeoutException();
        };
        FluentActions.Invoking(() => Sums(_view)).Should().Throw<TimeoutException>();
        fails = false;

        Sums(_view).Should().Equal(Expected(10));

        _summing.BatchSizes.Should().Equal(4, 4, 2);
    }

    [Fact]
    public void GetGetter_BehindAFailure_IsRefusedAndNotGivenTheRowsBefore()
    {
        using DataViewRowCursor cursor = _view.GetRowCursor(_view.Schema);
        _summing.Computing = () => throw new TimeoutException();
        FluentActions.Invoking(() => Value(cursor, "Sum", skip: 1)).Should().Throw<TimeoutException>();
        _summing.Computing = () => { };

        FluentActions.Invoking(() => Value(cursor, "Sum", skip: 1)).Should().Throw<InvalidOperationException>().WithMessage("*has failed before*");
    }

    [Fact]
    public void Transform_Twice_HasResultsOfItsOwn()
    {
        IDataView other = new BatchedDataView(NumberRow.View(_context, 3), _summing);

        Sums(_view).Should().HaveCount(10);
        Sums(other).Should().HaveCount(3);

        _summing.BatchSizes.Should().Equal(4, 4, 2, 3);
    }

    private (WatchedDataView Source, IDataView View) View(int count)
    {
        WatchedDataView source = new(NumberRow.View(_context, count));
        return (source, new BatchedDataView(source, _summing));
    }

    private static int[] Expected(int count) => [.. Enumerable.Range(0, count).Select(i => 3 * i)];

    private static int[] Sums(IDataView view, int most = int.MaxValue)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Sum"]]);
        ValueGetter<int> getter = cursor.GetGetter<int>(view.Schema["Sum"]);
        List<int> sums = [];
        int value = 0;
        while (sums.Count < most && cursor.MoveNext())
        {
            getter(ref value);
            sums.Add(value);
        }
        return [.. sums];
    }

    private static int Value(DataViewRowCursor cursor, string column, int skip)
    {
        for (int i = 0; i < skip; i++)
            cursor.MoveNext();
        int value = 0;
        cursor.GetGetter<int>(cursor.Schema[column])(ref value);
        return value;
    }
}
