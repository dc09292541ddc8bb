namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Cuts examples into forward passes, in order.</summary>
internal static class RowGroups
{
    /// <summary>Groups of at most so many examples and, where there is more than one in a group, at most so many rows.</summary>
    /// <param name="count">The number of examples.</param>
    /// <param name="rows">The rows of one pass over some of them.</param>
    /// <param name="mostExamples">The most examples of a group.</param>
    /// <param name="mostRows">The most rows of a group; 0 for no limit.</param>
    public static IReadOnlyList<int[]> Of(int count, Func<IReadOnlyList<int>, long> rows, int mostExamples, long mostRows)
    {
        List<int[]> groups = [];
        List<int> group = [];
        for (int i = 0; i < count; i++)
        {
            if (group.Count == mostExamples || group.Count > 0 && mostRows > 0 && rows([.. group, i]) > mostRows)
            {
                groups.Add([.. group]);
                group = [];
            }
            group.Add(i);
        }
        if (group.Count > 0)
            groups.Add([.. group]);
        return groups;
    }
}
