using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Passes;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>What the steps that are left will take.</summary>
/// <param name="Tokens">Input tokens of all processes, without sharing and padding.</param>
/// <param name="Rows">Rows of the network, in this process, with passes that only run forward as <see cref="ForwardDemand.WorkRows"/>.</param>
/// <param name="Largest">The forward passes with the most rows, in this process.</param>
/// <param name="LargestForward">The largest pass that only runs forward: its step's examples and which it is; <see langword="null"/> for none.</param>
internal sealed record RunDemand(long Tokens, long Rows, IReadOnlyList<int[]> Largest, (int[] Group, int Pass)? LargestForward)
{
    private const int Candidates = 8; // the most rows need not mean the most labels

    /// <summary>Walks through the plan.</summary>
    /// <param name="task">The examples.</param>
    /// <param name="plan">Which steps take them.</param>
    /// <param name="finished">Finished steps.</param>
    public static RunDemand Of(ITrainingTask task, StepPlan plan, long finished)
    {
        long tokens = 0, rows = 0;
        PriorityQueue<int[], long> largest = new();
        (int[] Group, int Pass)? forward = null;
        long forwardRows = 0;
        for (long step = finished; step < plan.TotalSteps; step++)
        {
            int[] group = plan.Group(step);
            ForwardDemand before = task.ForwardsBefore(group);
            tokens += group.Sum(task.Tokens) + before.Tokens;
            rows += before.WorkRows;
            for (int pass = 0; pass < before.PassRows.Count; pass++)
            {
                if (before.PassRows[pass] > forwardRows)
                    (forward, forwardRows) = ((group, pass), before.PassRows[pass]);
            }
            foreach (int[] pass in plan.MicroBatches(step))
            {
                long passRows = task.Rows(pass);
                rows += passRows;
                if (largest.Count < Candidates)
                    largest.Enqueue(pass, passRows);
                else
                    largest.EnqueueDequeue(pass, passRows);
            }
        }
        return new RunDemand(tokens, rows, [.. largest.UnorderedItems.Select(item => item.Element)], forward);
    }
}
