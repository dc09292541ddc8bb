namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>Somebody who decodes greedily.</summary>
internal interface IDecoder : IDisposable
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>Forgets all, and reads a prompt.</summary>
    void Begin(int prompt);

    /// <summary>Adds tokens.</summary>
    /// <returns>The seconds that they took.</returns>
    double Burst(int tokens);
}
