namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Counts on which side there is more of something, and holds the first lines of either.</summary>
/// <param name="mostLines">How many lines to hold.</param>
internal sealed class ResponseTally(int mostLines)
{
    private readonly List<long> _ofChosen = [], _ofRejected = [];

    /// <summary>Pairs whose chosen side has more.</summary>
    public long Chosen { get; private set; }

    /// <summary>Pairs whose rejected side has more.</summary>
    public long Rejected { get; private set; }

    /// <summary>The first lines of the side that has more in more pairs.</summary>
    public IReadOnlyList<long> Lines => Chosen >= Rejected ? _ofChosen : _ofRejected;

    /// <summary>Counts a pair.</summary>
    /// <param name="chosen">What the chosen side has.</param>
    /// <param name="rejected">What the rejected side has.</param>
    /// <param name="line">The pair's line.</param>
    public void Add(int chosen, int rejected, long line)
    {
        if (chosen == rejected)
            return;
        if (chosen > rejected)
            Chosen++;
        else
            Rejected++;
        List<long> lines = chosen > rejected ? _ofChosen : _ofRejected;
        if (lines.Count < mostLines)
            lines.Add(line);
    }
}
