using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Rows;

public sealed class BatchedDataViewTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly Summing _summing = new(batchSize: 4);

    [Fact]
    public void GetRowCursor_TenRowsInBatchesOfFour_ComputesFourFourTwo()
    {
        IDataView view = new BatchedDataView(Rows(10), _summing);

        view.GetColumn<int>("Sum").Should().Equal(Enumerable.Range(0, 10).Select(i => i + 2 * i));
        _summing.BatchSizes.Should().Equal(4, 4, 2);
    }

    [Fact]
    public void RowMapper_RowByRow_GivesTheBatchesValues()
    {
        IDataView data = Rows(10);
        RowMapper mapper = new(new BatchOfOne(_summing), data.Schema);

        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        using DataViewRow row = mapper.GetRow(cursor, mapper.OutputSchema);
        ValueGetter<int> sum = row.GetGetter<int>(row.Schema["Sum"]);
        ValueGetter<int> again = row.GetGetter<int>(row.Schema["Sum"]);
        List<int> sums = new();
        int value = 0;
        while (cursor.MoveNext())
        {
            again(ref value);
            sum(ref value);
            sums.Add(value);
        }

        sums.Should().Equal(new BatchedDataView(data, new Summing(batchSize: 3)).GetColumn<int>("Sum"));
        _summing.BatchSizes.Should().Equal(Enumerable.Repeat(1, 10), "a row is computed once however often it is asked for");
    }

    [Fact]
    public void GetRowCursor_ReadFromTheSixthRow_SkipsWithoutComputing()
    {
        IDataView view = new BatchedDataView(Rows(10), _summing);

        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Sum"]]);
        ValueGetter<int> getter = cursor.GetGetter<int>(cursor.Schema["Sum"]);
        for (int i = 0; i <= 5; i++)
            cursor.MoveNext();
        int value = 0;
        getter(ref value);

        value.Should().Be(15);
        _summing.BatchSizes.Should().Equal([4], "the rows before the sixth were not read");
    }

    [Fact]
    public void GetRowCursor_PassedThroughColumnsOnly_OpensNoSecondCursor()
    {
        WatchedDataView watched = new(Rows(10));
        IDataView view = new BatchedDataView(watched, _summing);

        using (DataViewRowCursor cursor = view.GetRowCursor([view.Schema["First"]]))
        {
            watched.OpenCursors.Should().Be(1);
            while (cursor.MoveNext())
            {
            }
        }

        watched.OpenCursors.Should().Be(0);
        watched.ActivatedColumns.Should().Equal("First");
        _summing.BatchSizes.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Sum", 0)]
    [InlineData("Double", 1)]
    public void GetRowCursor_OneComputedColumn_MakesNoGetterOfTheOther(string column, int output)
    {
        IDataView view = new BatchedDataView(Rows(10), _summing);

        view.GetColumn<int>(column).Should().Equal(Enumerable.Range(0, 10).Select(i => (output == 0 ? 3 : 2) * i));

        _summing.GettersMade.Should().Equal(output);
    }

    [Fact]
    public void GetRowCursor_Disposed_ClosesBothCursors()
    {
        WatchedDataView watched = new(Rows(10));
        IDataView view = new BatchedDataView(watched, _summing);

        using (view.GetRowCursor(view.Schema))
            watched.OpenCursors.Should().Be(2);

        watched.OpenCursors.Should().Be(0);
    }

    [Fact]
    public void GetGetter_BeforeTheFirstRow_Throws()
    {
        IDataView view = new BatchedDataView(Rows(10), _summing);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<int> getter = cursor.GetGetter<int>(cursor.Schema["Sum"]);

        ((Action)(() =>
        {
            int value = 0;
            getter(ref value);
        })).Should().Throw<InvalidOperationException>().WithMessage("*not on a row*");
    }

    [Fact]
    public void ShuffleRows_OfTheOutput_KeepsWhatARowHas()
    {
        IDataView shuffled = _context.Data.ShuffleRows(new BatchedDataView(Rows(50), _summing), seed: 3);

        int[] first = [.. shuffled.GetColumn<int>("First")];
        int[] sums = [.. shuffled.GetColumn<int>("Sum")];

        first.Should().NotBeInAscendingOrder();
        sums.Should().Equal(first.Select(i => 3 * i));
    }

    private IDataView Rows(int count) => NumberRow.View(_context, count);
}
