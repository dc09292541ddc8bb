using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Rows;

/// <summary>Adds two columns and doubles the first, and notes how many rows it did together. Only a batch for the sum knows both.</summary>
internal sealed class Summing(int batchSize) : IBatchComputation
{
    private readonly List<int> _batchSizes = [];

    /// <summary>The rows of each batch that was computed.</summary>
    public IReadOnlyList<int> BatchSizes
    {
        get
        {
            lock (_batchSizes)
                return [.. _batchSizes];
        }
    }

    /// <summary>Of which outputs getters were asked for.</summary>
    public List<int> GettersMade { get; } = [];

    /// <summary>Called before a batch is computed.</summary>
    public Action Computing { get; set; } = () => { };

    public IReadOnlyList<InputColumn> Inputs { get; } = [new("First", NumberDataViewType.Int32), new("Second", NumberDataViewType.Int32)];

    public IReadOnlyList<OutputColumn> Outputs { get; } = [new("Sum", NumberDataViewType.Int32, 0, 1), new("Double", NumberDataViewType.Int32, 0)];

    public int BatchSize => batchSize;

    public IReadOnlyList<bool> Known(IReadOnlyList<bool> isActive) => [isActive[0], true];

    public IRowBatch CreateBatch(InputRow row, IReadOnlyList<bool> isActive) => new Batch(this, row, isActive[0]);

    private void Note(int rows)
    {
        Computing();
        lock (_batchSizes)
            _batchSizes.Add(rows);
    }

    private sealed class Batch(Summing owner, InputRow row, bool withSum) : IRowBatch
    {
        private readonly Func<int> _first = row.Scalar<int>(0);
        private readonly Func<int>? _second = withSum ? row.Scalar<int>(1) : null;
        private readonly List<(int, int)> _rows = [];
        private (int Sum, int Double)[] _results = [];

        public object Results
        {
            get => _results;
            set => _results = ((int, int)[])value;
        }

        public void Clear() => _rows.Clear();

        public void Add() => _rows.Add((_first(), _second?.Invoke() ?? int.MinValue));

        public void Compute()
        {
            owner.Note(_rows.Count);
            _results = [.. _rows.Select(pair => (pair.Item1 + pair.Item2, 2 * pair.Item1))];
        }

        public Delegate CreateGetter(int output, RowPlace place)
        {
            lock (owner._batchSizes)
                owner.GettersMade.Add(output);
            return place.Getter(i => output == 0 ? _results[i].Sum : _results[i].Double);
        }
    }
}
