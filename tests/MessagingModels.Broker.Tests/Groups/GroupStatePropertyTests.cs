using System.Text;
using CsCheck;
using MessagingModels.Broker.Groups;

namespace MessagingModels.Broker.Tests.Groups;

/// <summary>
/// Members that follow the protocol or do not (they fall silent, leave, come back, lose answers) against what must hold whatever they do:
/// one generation has one assignment, in which no partition has two owners; generations only grow; every request gets one answer.
/// </summary>
public class GroupStatePropertyTests
{
    private const int Partitions = 6;
    private static readonly TimeSpan s_session = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_rebalance = TimeSpan.FromSeconds(30);

    private enum Step
    {
        Join,
        Rejoin,
        Sync,
        Heartbeat,
        Leave,
        Wait,
        WaitLong,
    }

    private static readonly Gen<(Step Step, int Client)[]> s_steps = Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 4]).Array[1, 120];

    [Fact]
    public void One_partition_never_has_two_owners_in_a_generation()
        => s_steps.Sample(steps =>
        {
            World world = new();
            foreach ((Step step, int client) in steps) world.Do(step, client);
            world.Settle();
        });

    private sealed class Client
    {
        public string MemberId { get; set; } = "";

        public int Generation { get; set; } = -1;

        public JoinGroupResponse? Joined { get; set; }

        public long Waiting { get; set; }
    }

    private sealed class World
    {
        private readonly GroupState _state = new("group", new GroupCoordinatorOptions());
        private readonly GroupEffects _effects = new();
        private readonly Client[] _clients = [.. Enumerable.Range(0, 5).Select(_ => new Client())];
        private readonly Dictionary<long, Client> _open = [];
        private readonly Dictionary<(int Generation, int Partition), string> _owners = [];
        private TimeSpan _now;
        private long _requests;
        private int _ids;
        private int _generation;

        public void Do(Step step, int index)
        {
            Client client = _clients[index];
            switch (step)
            {
                case Step.Join:
                    client.MemberId = "";
                    Join(client);
                    break;
                case Step.Rejoin:
                    Join(client);
                    break;
                case Step.Sync:
                    Sync(client);
                    break;
                case Step.Heartbeat:
                    _state.Heartbeat(new GroupCaller(client.MemberId, null, client.Generation), _now);
                    break;
                case Step.Leave:
                    _state.Leave(new LeavingMember(client.MemberId, null), _now, _effects);
                    client.MemberId = "";
                    break;
                default:
                    Advance(step == Step.Wait ? TimeSpan.FromSeconds(4) : TimeSpan.FromSeconds(20));
                    break;
            }

            Collect();
            Check();
        }

        /// <summary>Once everybody behaves, the group comes to rest and every partition has an owner.</summary>
        public void Settle()
        {
            Advance(TimeSpan.FromMinutes(10));
            Assert.Empty(_open);
            Assert.Equal(GroupStatus.Empty, _state.Status);
            foreach (Client client in _clients) client.MemberId = "";
            for (int round = 0; round < 4; round++)
            {
                foreach (Client client in _clients)
                {
                    if (client.MemberId.Length == 0 || client.Generation != _state.Generation || _state.Status == GroupStatus.PreparingRebalance)
                        Join(client);
                    Collect();
                }

                foreach (Client client in _clients)
                {
                    Sync(client);
                    Collect();
                }
            }

            Assert.Equal((GroupStatus.Stable, _clients.Length), (_state.Status, _state.Members.Count));
            Assert.Equal(Partitions, _owners.Keys.Count(key => key.Generation == _state.Generation));
        }

        private void Join(Client client)
        {
            if (_open.ContainsKey(client.Waiting))
                return;
            client.Waiting = ++_requests;
            _open[client.Waiting] = client;
            client.Joined = null;
            JoinGroupRequest request = new()
            {
                GroupId = "group",
                MemberId = client.MemberId,
                SessionTimeout = s_session,
                RebalanceTimeout = s_rebalance,
                ProtocolType = "consumer",
                Protocols = [new GroupProtocol("range", default)],
            };
            _state.Join(request, client.Waiting, $"member-{_ids++}", _now, _effects);
        }

        private void Sync(Client client)
        {
            if (_open.ContainsKey(client.Waiting) || client.Joined is not { } joined)
                return;
            client.Waiting = ++_requests;
            _open[client.Waiting] = client;
            string[] members = [.. joined.Members.Select(m => m.MemberId)];
            SyncGroupRequest request = new()
            {
                GroupId = "group",
                MemberId = client.MemberId,
                Generation = client.Generation,
                Assignments = [.. members.Select((id, i) => new MemberAssignment(id, Encoding.UTF8.GetBytes(Share(i, members.Length))))],
            };
            _state.Sync(request, client.Waiting, _now, _effects);
        }

        private static string Share(int index, int members)
            => string.Join(',', Enumerable.Range(0, Partitions).Where(p => p % members == index));

        private void Advance(TimeSpan by)
        {
            TimeSpan end = _now + by;
            while (_state.NextDeadline <= end)
            {
                _now = _state.NextDeadline > _now ? _state.NextDeadline : _now;
                _state.Tick(_now, _effects);
                Collect();
            }

            _now = end;
        }

        private void Collect()
        {
            foreach ((long request, JoinGroupResponse response) in _effects.Joins)
            {
                Assert.True(_open.Remove(request, out Client? client), "A join that was not open was answered.");
                if (response.Error is LogErrorCode.UnknownMemberId) client.MemberId = "";
                if (response.Error != LogErrorCode.None)
                    continue;
                client.MemberId = response.MemberId;
                client.Generation = response.Generation;
                client.Joined = response;
            }

            foreach ((long request, SyncGroupResponse response) in _effects.Syncs)
            {
                Assert.True(_open.Remove(request, out Client? client), "A sync that was not open was answered.");
                if (response.Error == LogErrorCode.None) Own(client, Encoding.UTF8.GetString(response.Assignment.Span));
            }

            _effects.Clear();
        }

        private void Own(Client client, string share)
        {
            foreach (string partition in share.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                (int, int) key = (client.Generation, int.Parse(partition));
                Assert.Equal(client.MemberId, _owners.TryGetValue(key, out string? owner) ? owner : client.MemberId);
                _owners[key] = client.MemberId;
            }
        }

        private void Check()
        {
            Assert.True(_state.Generation >= _generation, "The generation went back.");
            _generation = _state.Generation;
            Assert.Equal(_state.Status == GroupStatus.Empty, _state.Members.Count == 0 && _state.Status != GroupStatus.PreparingRebalance);
            if (_state.Status is GroupStatus.Stable or GroupStatus.CompletingRebalance)
                Assert.NotNull(_state.Find(_state.LeaderId!));
        }
    }
}
