using System.Globalization;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>The betas with which a loss was published, or a factor of ten about the one that was.</summary>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
/// <param name="Reduction">Of what log-probabilities it is the beta.</param>
internal readonly record struct PublishedBeta(double Least, double Most, LogProbReduction Reduction)
{
    /// <summary>What to say of terms that are others.</summary>
    /// <param name="loss">The loss's name.</param>
    /// <param name="terms">What the options say.</param>
    public IEnumerable<string> Warnings(string loss, LossTerms terms)
    {
        if (terms.Reduction != Reduction)
        {
            yield return $"Loss {loss} was published with Reduction {Reduction}, but it is {terms.Reduction}: " +
                "a beta that is right for one is far off for the other.";
        }
        else if (terms.Beta < Least || terms.Beta > Most)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Beta is {terms.Beta:G3}, outside of the range in which loss {loss} was published, {Least:G3} to {Most:G3}. " +
                $"Leave Beta out for what the loss recommends.");
        }
    }
}
