using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class NumberColumnTests
{
    [Fact]
    public void Reader_EveryTypeOfNumber_GivesItsValue()
    {
        IDataView view = new MLContext().Data.LoadFromEnumerable(new[] { new Row() });
        view.Schema.Where(NumberColumn.Is).Should().HaveCount(10);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Func<double>[] readers = [.. view.Schema.Where(NumberColumn.Is).Select(column => NumberColumn.Reader(cursor, column))];
        cursor.MoveNext();
        readers.Select(read => read()).Should().Equal(1.5, 2.5, -3, -4, -5, -6, 7, 8, 9, 10);
    }

    private sealed class Row
    {
        public float A { get; set; } = 1.5f;

        public double B { get; set; } = 2.5;

        public sbyte C { get; set; } = -3;

        public short D { get; set; } = -4;

        public int E { get; set; } = -5;

        public long F { get; set; } = -6;

        public byte G { get; set; } = 7;

        public ushort H { get; set; } = 8;

        public uint I { get; set; } = 9;

        public ulong J { get; set; } = 10;

        public bool NoNumber { get; set; }
    }
}
