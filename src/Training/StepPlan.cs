namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Which examples each optimizer step takes, and in which forward passes: a function of the options alone.</summary>
internal sealed class StepPlan
{
    private readonly ITrainingTask _task;
    private readonly LoopOptions _options;
    private readonly int _group;
    private (int Epoch, int[] Order) _current = (-1, []);

    public StepPlan(ITrainingTask task, LoopOptions options)
    {
        (_task, _options) = (task, options);
        _group = options.BatchSize * options.AccumulationSteps;
        StepsPerEpoch = (task.Count + _group - 1) / _group;
    }

    /// <summary>Optimizer steps in one pass over the examples.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public long TotalSteps => (long)StepsPerEpoch * _options.Epochs;

    /// <summary>The forward passes of a step, counted from 0.</summary>
    public IReadOnlyList<int[]> MicroBatches(long step)
    {
        (int epoch, int within) = ((int)(step / StepsPerEpoch), (int)(step % StepsPerEpoch));
        if (_current.Epoch != epoch) _current = (epoch, Order(epoch));
        int[] group = GroupOf(_current.Order, within);
        return [.. group.Chunk(_options.BatchSize).SelectMany(WithinBudget)];
    }

    private int[] GroupOf(int[] order, int within) => order[(within * _group)..Math.Min((within + 1) * _group, order.Length)];

    private int[] Order(int epoch)
    {
        int[] order = EpochOrder.Of(_task.Count, _options.Seed, epoch, _options.Shuffle);
        int fullSteps = order.Length / _group; // a shorter last group stays last
        if (!_options.LongestFirst || fullSteps < 2) return order;
        int longest = Enumerable.Range(0, fullSteps).MaxBy(step => GroupOf(order, step).Sum(_task.Rows));
        for (int i = 0; i < _group; i++) (order[i], order[longest * _group + i]) = (order[longest * _group + i], order[i]);
        return order;
    }

    private IEnumerable<int[]> WithinBudget(int[] batch) =>
        RowGroups.Of(batch.Length, i => _task.Rows(batch[i]), batch.Length, _options.RowBudget).Select(group => group.Select(i => batch[i]).ToArray());
}
