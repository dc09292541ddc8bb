using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class ShiftForNextTokenTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Transform_DefaultNames_ShiftsByOne()
    {
        IDataView shifted = Shift(new Row { ChosenTokens = [1, 7, 8, 2], ChosenMask = [0, 0, 1, 1] }, "Chosen");

        shifted.GetColumn<int[]>("ChosenInputIds").Single().Should().Equal(1, 7, 8);
        shifted.GetColumn<int[]>("ChosenLabels").Single().Should().Equal(7, 8, 2);
        shifted.GetColumn<float[]>("ChosenLossMask").Single().Should().Equal(0, 1, 1);
    }

    [Fact]
    public void Transform_NamesGiven_UsesThem()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new Row { ChosenTokens = [1, 7, 2], ChosenMask = [0, 1, 1] }]);

        IDataView shifted = _context.Transforms.ShiftForNextToken("Answer", "ChosenTokens", "ChosenMask", "x", "y", "m").Fit(data).Transform(data);

        shifted.Schema.Select(c => c.Name).Should().Equal("ChosenTokens", "ChosenMask", "x", "y", "m");
        shifted.GetColumn<int[]>("x").Single().Should().Equal(1, 7);
        shifted.GetColumn<float[]>("m").Single().Should().Equal(1, 1);
    }

    [Fact]
    public void Transform_OutputNamedAsAnInput_HidesTheOlderColumn()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new Row { ChosenTokens = [1, 7, 2], ChosenMask = [0, 1, 1] }]);

        IDataView shifted = _context.Transforms.ShiftForNextToken("Chosen", inputIdsColumnName: "ChosenTokens").Fit(data).Transform(data);

        shifted.GetColumn<int[]>("ChosenTokens").Single().Should().Equal(1, 7);
        shifted.GetColumn<int[]>("ChosenLabels").Single().Should().Equal(7, 2);
    }

    [Fact]
    public void Transform_MaskOfAnotherLength_SaysWhichRowAndColumns()
    {
        IDataView shifted = Shift(new Row { ChosenTokens = [1, 7, 8, 2], ChosenMask = [0, 1] }, "Chosen");

        ((Action)(() => shifted.GetColumn<float[]>("ChosenLossMask").ToList())).Should().Throw<InvalidOperationException>()
            .WithMessage("Row 0: 'ChosenMask' has 2 items, but 'ChosenTokens' has 4*");
    }

    [Fact]
    public void Transform_SparseMaskOfFixedSize_IsReadDense()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new SparseRow { ChosenTokens = [5, 6, 7], ChosenMask = new VBuffer<float>(3, 1, [1f], [2]) }]);

        IDataView shifted = _context.Transforms.ShiftForNextToken("Chosen").Fit(data).Transform(data);

        shifted.GetColumn<float[]>("ChosenLossMask").Single().Should().Equal(0, 1);
    }

    [Fact]
    public void Fit_TokensAreNotIntegers_NamesBothTypes()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new Row()]);

        Action fit = () => _context.Transforms.ShiftForNextToken("Chosen", tokensColumnName: "ChosenMask").Fit(data);

        fit.Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("Schema mismatch for input column 'ChosenMask': expected Vector<Int32> of any size, got Vector<Single>*");
    }

    [Fact]
    public void ShiftForNextToken_OneNameForTwoOutputs_Throws()
    {
        Action make = () => _context.Transforms.ShiftForNextToken("Chosen", labelsColumnName: "ChosenInputIds");

        make.Should().Throw<ArgumentException>().WithMessage("Output column 'ChosenInputIds' is named 2 times*");
    }

    private IDataView Shift(Row row, string column)
    {
        IDataView data = _context.Data.LoadFromEnumerable([row]);
        return _context.Transforms.ShiftForNextToken(column).Fit(data).Transform(data);
    }

    public sealed class Row
    {
        public int[] ChosenTokens { get; set; } = [];
        public float[] ChosenMask { get; set; } = [];
    }

    public sealed class SparseRow
    {
        [VectorType(3)]
        public int[] ChosenTokens { get; set; } = [];

        [VectorType(3)]
        public VBuffer<float> ChosenMask { get; set; }
    }
}
