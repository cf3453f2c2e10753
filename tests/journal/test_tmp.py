import asyncio, random, sys
from tests.journal.test_bus import *
async def test_x(journal, writer, pool, notices, redis_url, client):
    for number in range(30):
        await journal.append(drafts(*busy_batch(number)), writer=writer)
    for i in range(60):
        relay = relay_to(redis_url, pool, notices)
        task = asyncio.create_task(relay.run())
        await asyncio.sleep(random.random()*0.15)
        if i%2: await client.flushall(); await asyncio.sleep(random.random()*1.5)
        task.cancel()
        done,_ = await asyncio.wait([task], timeout=5)
        if not done:
            task.print_stack(file=sys.stderr)
            import io
            print(i, relay.health(), file=sys.stderr)
            task.cancel(); done,_=await asyncio.wait([task], timeout=5); print('again', done, file=sys.stderr)
            raise SystemExit
